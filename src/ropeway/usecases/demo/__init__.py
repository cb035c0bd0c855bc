"""The demonstrations: real data, real pipelines, on a sandbox of their own.

``quick`` takes a model from raw deliveries to predictions in one account. ``month`` plays the retraining loop on a
platform of four accounts, by the sandbox's clock. ``stages`` is what they share.
"""
