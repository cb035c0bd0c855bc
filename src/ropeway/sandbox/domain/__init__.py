"""What things mean: no HTTP, no SQL, no boto3, no moto, no sleeping, no clock but the one handed in."""
