"""EventBridge: events go in, rules match them, targets get them.

How it hangs together::

    a change of status ─► EventSink.emit ─┐ one transaction: the change, and a
    PutEvents ──────────► EventSink.put ──┤ row per rule and target that wants it
    a schedule that is due ─► .fire ──────┘
                                          │ after the commit
                  runners.couriers ─► Courier.deliver ─► Targets.call / Relay.forward
                                                             │ the server's own API

**To tell something** (the port for other parts of the sandbox): build a ``Fact`` (``facts`` has the shapes of
SageMaker's), and call ``EventSink.emit(fact)`` inside the transaction that makes it true. It never fails for what
rules say, costs nothing where no rule of the bus wants it, and joins the transaction of the calling thread. What has a
Describe operation needs no shape of its own: ``StatusEvents.described(detail type, ARN, description)``.

**To be called** (the port for those who implement targets): nothing to do. Targets are called through the server's own
API (``Invoke`` with ``Event``, ``StartExecution``, ``Publish``, ``SendMessage``, ``PutLogEvents``,
``StartPipelineExecution``) as the root of the target's account, after ``Permissions`` has looked at role or resource
policy; whoever implements the operation at the edge gets the call. Execution names and tokens are the same over all
tries of one delivery.

**Another kind of target**: one method in ``Targets`` and one line in its table.
"""
