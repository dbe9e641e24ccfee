output "queues" {
  description = "For doorbell and celery: name, url, arn, and the name of the queue of the dead."
  value = { for what, queue in aws_sqs_queue.this : what => {
    name = queue.name
    url  = queue.url
    arn  = queue.arn
    dead = aws_sqs_queue.dead[what].name
  } }
}
