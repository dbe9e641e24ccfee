output "topic" {
  description = "Topic that people are told by."
  value       = aws_sns_topic.told.arn
}

output "alarms" {
  description = "What each alarm means, by its name."
  value       = merge({ for what, one in local.metrics : what => one.means }, { for what, one in local.events : what => one.means })
}
