"""Step Functions: state machines, their executions, and answers to their tasks."""
