"""CloudFormation: stacks and change sets that really make what they say, of the types that ``kinds`` knows.

A template with any other type, or with a property that its type does not take here, is refused by name before
anything is made. Making goes through the same operations that a caller would call, so a bucket of a stack is a bucket
like any other. It is done within the call that asks for it: when CreateStack answers, the work is done, or undone.
"""
