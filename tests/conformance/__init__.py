"""The conformance corpus: small worlds with AWS-true answers, held against what the tool says."""
