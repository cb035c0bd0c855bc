"""What runs in Lambda: small functions between EventBridge, the catalog and the forge.

They import nothing else of Ropeway and nothing beyond boto3, which Lambda's Python has; each is a handler on top of a
plain function that is handed what it talks to. ``package`` zips them for Terraform. A token of the forge lies in
Secrets Manager; the functions are told the secret's name.
"""
