"""Hyperparameter tuning: training jobs that look for the best values of their hyperparameters."""
