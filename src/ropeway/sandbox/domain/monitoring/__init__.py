"""Monitoring schedules: data quality, model quality and bias, checked by the clock.

``service`` keeps schedules and fires them; ``requests`` makes a processing job of a schedule and a moment. What the
jobs run is the drift analyser.
"""
