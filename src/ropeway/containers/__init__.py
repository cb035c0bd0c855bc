"""The programs that run inside a job, in place of what SageMaker's images contain.

Each is started by a runtime's interpreter as ``python -m ropeway.containers.<program>`` and imports the standard
library, the runtime's own libraries and its siblings here; nothing else of Ropeway.
"""
