"""Schedules: rules that fire by time, EventBridge Scheduler, and the clock that they go by.

``expressions`` says when something is due, ``firing`` fires it, in time order, with its scheduled time, once, and
keeps what is due next. ``service`` is EventBridge Scheduler. ``clock`` is the sandbox's time, which may be ahead of
the machine's; ``runners.advancing`` moves it from one due moment to the next.
"""
