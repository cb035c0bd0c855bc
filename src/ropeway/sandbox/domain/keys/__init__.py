"""KMS keys: who may use one, by its policy and its grants.

moto keeps the keys and encrypts with them; it lets anybody of the key's account do so and nobody else. Here is what
AWS asks first. The key's policy is evaluated like any resource policy; a statement that names an account lets in
everybody in it, as IAM is not enforced for callers. What the policy does not decide a grant may allow. A key that is
disabled or waits for its deletion refuses those who may use it, too. AWS's own keys (``alias/aws/s3``) have AWS's
policy: through their service, for callers of their account.

Left out: grant tokens (a grant holds at once), the key stores outside of KMS, and policies for everything but the use
of a key: who is in the key's account may always describe, enable, tag and delete it.
"""
