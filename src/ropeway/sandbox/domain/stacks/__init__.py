"""CloudFormation's templates: read, evaluated, put in order. What resources are made of is the operations' matter."""
