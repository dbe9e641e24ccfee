# Roles of the machinery itself; those that touch the archive are in the module roles.

locals {
  database_secret = one(aws_db_instance.airflow.master_user_secret[*].secret_arn)

  takes = {
    execution = "ecs-tasks.amazonaws.com"
    control   = "ecs-tasks.amazonaws.com"
    flow      = "vpc-flow-logs.amazonaws.com"
    database  = "monitoring.rds.amazonaws.com"
    schedule  = "scheduler.amazonaws.com"
  }
  machinery = {
    execution = [
      {
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"] # it has no resource
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = ["arn:${var.partition}:ecr:*:*:repository/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for one in aws_cloudwatch_log_group.this : "${one.arn}:*"]
      },
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = concat([local.database_secret], [for one in aws_secretsmanager_secret.this : one.arn])
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
      },
    ]
    # Airflow's parts that run no task of the archive: they may use Celery's queue and the log, and no more.
    control = local.shared
    flow = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = ["${aws_cloudwatch_log_group.this["network"].arn}:*"]
    }]
    database = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = ["arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:RDSOSMetrics:*"]
    }]
    schedule = [
      {
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = ["arn:${var.partition}:ecs:${var.region}:${var.account_id}:task-definition/${var.name}-*"]
        Condition = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.this.arn } }
      },
      {
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [var.roles.hold, var.roles.executor, local.execution_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  }

  execution_arn = "arn:${var.partition}:iam::${var.account_id}:role/${var.name}-machinery-execution"

  shared = [
    {
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this["airflow"].arn}:*"]
    },
    {
      Effect = "Allow"
      Action = [
        "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
      ]
      Resource = [var.celery_queue.arn]
    },
    {
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [var.key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
    },
  ]
}

resource "aws_iam_role" "this" {
  for_each = local.takes
  name     = "${var.name}-machinery-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = each.value }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  # checkov:skip=CKV_AWS_290:ecr:GetAuthorizationToken alone has no resource
  # checkov:skip=CKV_AWS_355:the same
  for_each = local.takes
  name     = each.key
  role     = aws_iam_role.this[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.machinery[each.key] })
}

# Workers take tasks from Celery's queue and log them, beside what the archive has them do.
resource "aws_iam_role_policy" "worker" {
  name   = "airflow"
  role   = element(reverse(split("/", var.roles.worker)), 0)
  policy = jsonencode({ Version = "2012-10-17", Statement = local.shared })
}
