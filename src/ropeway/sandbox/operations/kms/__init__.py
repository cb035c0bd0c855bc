"""KMS across accounts: who may use a key is decided here (``domain.keys``); moto of the key's account does the work."""
