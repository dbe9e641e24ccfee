# Airflow on ECS Fargate, the receiver, and jobs whose rights no worker has.

locals {
  home = "/var/lib/civic-archiver"

  connection = "python3 -c \"import os,urllib.parse as u;print('postgresql+psycopg2://airflow:'+u.quote(os.environ['DB_PASSWORD'],'')+'@'+os.environ['DB_HOST']+'/airflow?sslmode=require')\""
  results    = "python3 -c \"import os,urllib.parse as u;print('db+postgresql://airflow:'+u.quote(os.environ['DB_PASSWORD'],'')+'@'+os.environ['DB_HOST']+'/airflow?sslmode=require')\""

  environment = {
    AWS_DEFAULT_REGION                               = var.region
    ARCHIVER_HOME                                    = local.home
    ARCHIVER_CONFIG                                  = "/tmp/archiver.toml"
    ARCHIVER_SETTINGS                                = var.settings
    DB_HOST                                          = aws_db_instance.airflow.address
    AIRFLOW__CORE__EXECUTOR                          = "CeleryExecutor"
    AIRFLOW__CORE__AUTH_MANAGER                      = var.auth_manager
    AIRFLOW_HOME                                     = "/tmp/airflow"
    AIRFLOW__CORE__DAGS_FOLDER                       = var.dags_folder
    AIRFLOW__LOGGING__BASE_LOG_FOLDER                = "/tmp/airflow/logs"
    AIRFLOW__LOGGING__REMOTE_LOGGING                 = "True"
    AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER         = "cloudwatch://${aws_cloudwatch_log_group.this["airflow"].arn}"
    AIRFLOW__CORE__LOAD_EXAMPLES                     = "False"
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL          = "http://api-server.${local.domain}:8080/execution/"
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD          = local.connection
    AIRFLOW__CELERY__RESULT_BACKEND_CMD              = local.results
    AIRFLOW__CELERY__BROKER_URL                      = "sqs://"
    AIRFLOW__OPERATORS__DEFAULT_QUEUE                = var.celery_queue.name
    AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__REGION = var.region
    AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__PREDEFINED_QUEUES = jsonencode({
      (var.celery_queue.name) = { url = var.celery_queue.url }
    })
    AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL = "False" # SQS has no broadcast
  }
  secrets = {
    DB_PASSWORD                   = "${local.database_secret}:password::"
    AIRFLOW__CORE__FERNET_KEY     = aws_secretsmanager_secret.this["fernet"].arn
    AIRFLOW__API_AUTH__JWT_SECRET = aws_secretsmanager_secret.this["jwt"].arn
    AIRFLOW__API__SECRET_KEY      = aws_secretsmanager_secret.this["api"].arn
  }

  # Settings go to a file first: the archiver reads archiver.toml.
  with_settings = "printf '%s' \"$ARCHIVER_SETTINGS\" > \"$ARCHIVER_CONFIG\" && exec"

  control = aws_iam_role.this["control"].arn
  services = {
    api-server    = { command = "airflow api-server", role = local.control, count = 2, home = false, cpu = 1024, memory = 4096, port = 8080 }
    scheduler     = { command = "airflow scheduler", role = local.control, count = 2, home = false, cpu = 1024, memory = 2048, port = null }
    dag-processor = { command = "airflow dag-processor", role = local.control, count = 1, home = false, cpu = 1024, memory = 2048, port = null }
    triggerer     = { command = "airflow triggerer", role = local.control, count = 2, home = false, cpu = 512, memory = 1024, port = null }
    worker        = { command = "airflow celery worker --queues ${var.celery_queue.name}", role = var.roles.worker, count = var.workers, home = true, cpu = var.size.cpu, memory = var.size.memory, port = 8793 }
    # One receiver works in a home; beside it the forwarder, in the same network name space.
    receiver = { command = "archiver webhook serve --listen 0.0.0.0:8095 --proxy 127.0.0.1", role = var.roles.receiver, count = 1, home = true, cpu = 512, memory = 2048, port = 8095 }
  }
  jobs = {
    lock    = { command = "archiver lock", role = var.roles.hold, schedule = "cron(20 5 * * ? *)" }
    execute = { command = "archiver disposition execute", role = var.roles.executor, schedule = "cron(50 5 * * ? *)" }
    compact = { command = "archiver compact", role = var.roles.executor, schedule = "cron(20 4 * * ? *)" }
  }
  tasks = merge(local.services, {
    for what, job in local.jobs : what => merge(job, { home = true, cpu = var.size.cpu, memory = var.size.memory, port = null, count = 0 })
  })
  airflow = toset(["api-server", "scheduler", "dag-processor", "triggerer", "worker"])

  containers = {
    for what, task in local.tasks : what => concat([{
      name                   = what
      image                  = var.image
      essential              = true
      readonlyRootFilesystem = true
      entryPoint             = ["/bin/sh", "-c"]
      command                = ["${local.with_settings} ${task.command}"]
      environment            = [for name, value in local.environment : { name = name, value = value } if contains(local.airflow, what) || !startswith(name, "AIRFLOW__") && name != "DB_HOST"]
      secrets                = [for name, arn in local.secrets : { name = name, valueFrom = arn } if contains(local.airflow, what)]
      mountPoints            = concat([{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }], task.home ? [{ sourceVolume = "home", containerPath = local.home, readOnly = false }] : [])
      portMappings           = task.port == null ? [] : [{ containerPort = task.port, protocol = "tcp" }]
      logConfiguration       = local.logging[what]
      }], what != "receiver" ? [] : [{
      name                   = "forwarder"
      image                  = var.image
      essential              = true
      readonlyRootFilesystem = true
      entryPoint             = ["/bin/sh", "-c"]
      command                = ["exec python3 -c \"$FORWARDER\""]
      environment = [
        { name = "AWS_DEFAULT_REGION", value = var.region },
        { name = "BUCKET", value = var.forwarder.bucket },
        { name = "DOORBELL", value = var.forwarder.doorbell_url },
        { name = "RECEIVER", value = "http://127.0.0.1:8095" },
        { name = "FORWARDER", value = var.forwarder.source },
      ]
      secrets          = []
      mountPoints      = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
      portMappings     = []
      logConfiguration = local.logging[what]
    }])
  }
  logging = { for what, task in local.tasks : what => {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this[contains(local.airflow, what) ? "airflow" : what == "receiver" ? "receiver" : "jobs"].name
      awslogs-region        = var.region
      awslogs-stream-prefix = what
    }
  } }

  domain = "${var.name}.internal"
}

resource "aws_ecs_cluster" "this" {
  region = var.region
  name   = var.name
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each                 = local.tasks
  region                   = var.region
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.this["execution"].arn
  task_role_arn            = each.value.role
  container_definitions    = jsonencode(local.containers[each.key])

  volume {
    name = "tmp"
  }
  dynamic "volume" {
    for_each = each.value.home ? [1] : []
    content {
      name = "home"
      efs_volume_configuration {
        file_system_id     = aws_efs_file_system.home.id
        transit_encryption = "ENABLED"
        authorization_config {
          access_point_id = aws_efs_access_point.home.id
          iam             = "ENABLED"
        }
      }
    }
  }
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  region = var.region
  name   = local.domain
  vpc    = aws_vpc.this.id
}

resource "aws_service_discovery_service" "this" {
  for_each = toset(["api-server", "receiver"])
  region   = var.region
  name     = each.key
  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this.id
    routing_policy = "MULTIVALUE"
    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_ecs_service" "this" {
  for_each               = local.services
  region                 = var.region
  name                   = each.key
  cluster                = aws_ecs_cluster.this.arn
  task_definition        = aws_ecs_task_definition.this[each.key].arn
  desired_count          = each.value.count
  launch_type            = "FARGATE"
  platform_version       = "LATEST"
  enable_execute_command = false
  propagate_tags         = "SERVICE"
  # The old receiver ends before a new one begins: one works in a home.
  deployment_minimum_healthy_percent = each.key == "receiver" ? 0 : 50
  deployment_maximum_percent         = each.key == "receiver" ? 100 : 200
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    subnets          = [for one in aws_subnet.private : one.id]
    security_groups  = [aws_security_group.this["tasks"].id]
    assign_public_ip = false
  }
  dynamic "service_registries" {
    for_each = contains(["api-server", "receiver"], each.key) ? [1] : []
    content {
      registry_arn = aws_service_discovery_service.this[each.key].arn
    }
  }
}

resource "aws_scheduler_schedule" "job" {
  for_each            = local.jobs
  region              = var.region
  name                = "${var.name}-${each.key}"
  schedule_expression = each.value.schedule
  kms_key_arn         = var.key_arn
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_ecs_cluster.this.arn
    role_arn = aws_iam_role.this["schedule"].arn
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.this[each.key].arn
      launch_type         = "FARGATE"
      network_configuration {
        subnets          = [for one in aws_subnet.private : one.id]
        security_groups  = [aws_security_group.this["tasks"].id]
        assign_public_ip = false
      }
    }
    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }
  }
}
