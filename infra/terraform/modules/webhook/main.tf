# Intake of webhooks: API Gateway → Lambda → bucket, then the doorbell, then 200.
# REST rather than HTTP API: with binary types for everything a body arrives as it was sent,
# byte for byte, as its signature needs it.

resource "aws_cloudwatch_log_group" "this" {
  for_each          = toset(["accept", "api"])
  region            = var.region
  name              = "/civic-archiver/${var.name}/webhook-${each.key}"
  retention_in_days = 400
  kms_key_id        = var.key_arn
}

resource "aws_lambda_function" "accept" {
  # checkov:skip=CKV_AWS_116:It is called and answers at once; who gets no 200 sends again
  # checkov:skip=CKV_AWS_272:The package is one file of this module, its digest is in the plan
  # checkov:skip=CKV_AWS_173:The variables are names; a key would have its role decrypt, which it must not
  region                         = var.region
  function_name                  = "${var.name}-accept"
  role                           = var.role.arn
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  handler                        = "accept.handler"
  filename                       = var.package
  source_code_hash               = filebase64sha256("${path.module}/src/accept.py")
  memory_size                    = 512
  timeout                        = 25
  reserved_concurrent_executions = 100

  environment {
    variables = {
      BUCKET   = var.bucket
      DOORBELL = var.doorbell_url
      RECEIVER = var.receiver_url
      HANDLES  = join(" ", var.handles)
    }
  }
  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this["accept"].name
  }
  tracing_config {
    mode = "Active"
  }
  vpc_config {
    subnet_ids         = var.network.subnets
    security_group_ids = [var.network.security_group]
  }
}

resource "aws_iam_role_policy" "accept" {
  # checkov:skip=CKV_AWS_290:Lambda makes network interfaces of no name known before
  # checkov:skip=CKV_AWS_355:the same
  name = "run"
  role = var.role.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this["accept"].arn}:*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "xray:PutTraceSegments"]
        Resource = ["*"]
      },
    ]
  })
}

resource "aws_api_gateway_rest_api" "this" {
  region                       = var.region
  name                         = "${var.name}-hooks"
  binary_media_types           = ["*/*"]
  disable_execute_api_endpoint = true
  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_resource" "hooks" {
  region      = var.region
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "hooks"
}

resource "aws_api_gateway_resource" "handle" {
  region      = var.region
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.hooks.id
  path_part   = "{handle}"
}

resource "aws_api_gateway_method" "this" {
  # checkov:skip=CKV_AWS_59:Platforms have no account here; each delivery is signed, and its receiver checks that
  # checkov:skip=CKV2_AWS_53:What is odd is stored, and judged by the receiver; nothing genuine may be refused here
  for_each         = toset(["GET", "POST"])
  region           = var.region
  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = aws_api_gateway_resource.handle.id
  http_method      = each.key
  authorization    = "NONE"
  api_key_required = false
}

resource "aws_api_gateway_integration" "this" {
  for_each                = aws_api_gateway_method.this
  region                  = var.region
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.handle.id
  http_method             = each.value.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.accept.invoke_arn
}

resource "aws_lambda_permission" "api" {
  region        = var.region
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.accept.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/*/*/hooks/*"
}

resource "aws_api_gateway_deployment" "this" {
  region      = var.region
  rest_api_id = aws_api_gateway_rest_api.this.id
  triggers    = { integrations = sha256(jsonencode(aws_api_gateway_integration.this)) }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "live" {
  # checkov:skip=CKV_AWS_120:An answer from a cache would be an answer to what was not stored
  # checkov:skip=CKV2_AWS_51:Platforms have no certificates of ours; they sign what they send
  # checkov:skip=CKV2_AWS_29:A filter that refuses a delivery loses it; the rate is bounded, and nothing is believed
  # checkov:skip=CKV2_AWS_4:Its access log is set here, its level in method settings
  region               = var.region
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = "live"
  xray_tracing_enabled = true

  # Neither query nor headers: they may hold what only the platform and we know.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.this["api"].arn
    format = jsonencode({
      at      = "$context.requestTime"
      method  = "$context.httpMethod"
      status  = "$context.status"
      path    = "$context.resourcePath"
      length  = "$context.responseLength"
      latency = "$context.integrationLatency"
    })
  }
}

resource "aws_api_gateway_method_settings" "all" {
  # checkov:skip=CKV_AWS_225:An answer from a cache would be an answer to what was not stored
  # checkov:skip=CKV_AWS_308:There is no cache
  region      = var.region
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    throttling_rate_limit  = var.rate
    throttling_burst_limit = 2 * var.rate
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
  }
}

resource "aws_api_gateway_domain_name" "this" {
  region                   = var.region
  domain_name              = var.host
  regional_certificate_arn = var.certificate_arn
  security_policy          = "TLS_1_2"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "this" {
  region      = var.region
  domain_name = aws_api_gateway_domain_name.this.domain_name
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.live.stage_name
}
