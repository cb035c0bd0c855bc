"""State machines in the Amazon States Language (https://states-language.net).

``check`` looks at a definition before it is kept; ``service`` keeps machines, versions and aliases. An *execution*
walks through its machine by *frames*: one for the execution itself, one for every branch of a Parallel state and every
item of a Map state, each in one state at a time. ``walk`` moves frames on as far as they go, purely: it is given an
execution's frames and what has happened, and gives back changed frames, history and what is to be done (tasks to
start or to stop, moments to wait for). ``engine`` writes all of that in one transaction and does it afterwards, so
a restart finds every execution where it was. What states compute is in ``by_jsonpath`` and ``by_jsonata``, one for each
query language, behind the same methods (``language``).
"""
