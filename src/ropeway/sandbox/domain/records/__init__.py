"""Resources that are what they are described as: kept as sent, told as kept, nothing runs behind them."""
