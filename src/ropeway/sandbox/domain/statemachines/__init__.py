"""State machines in the Amazon States Language (https://states-language.net)."""
