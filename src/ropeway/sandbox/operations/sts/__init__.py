"""STS: identities and temporary credentials, across accounts."""
