"""SNS: topics, subscriptions that are confirmed, messages that arrive.

``service`` keeps topics and subscriptions, ``publish`` takes messages and writes one *delivery* for each subscription
that wants them, in one transaction; ``deliver`` brings them to queues, functions, HTTP addresses on loopback, and mail
addresses, whose mail lies in the sandbox's *mailbox*. A delivery that fails is tried again; in the end it goes to the
subscription's dead-letter queue. Left out: SMS, mobile applications, message archives, data protection policies.
"""
