output "arns" {
  description = "ARNs of the keys: storage, replica, keystore, service."
  value       = { for what, key in aws_kms_key.this : what => key.arn }
}
