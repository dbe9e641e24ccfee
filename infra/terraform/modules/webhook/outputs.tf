output "settings" {
  description = "Settings of archiver.toml that the intake decides."
  value       = { webhook_url = "https://${var.host}" }
}

output "dns_target" {
  description = "What the host's name must lead to (CNAME or alias)."
  value       = aws_api_gateway_domain_name.this.regional_domain_name
}

output "function" {
  description = "Name of the function that stores deliveries."
  value       = aws_lambda_function.accept.function_name
}

output "api" {
  description = "Name of the API, as its metrics call it."
  value       = aws_api_gateway_rest_api.this.name
}

output "forwarder" {
  description = "Source of the forwarder that runs beside the receiver."
  value       = file("${path.module}/src/forward.py")
}
