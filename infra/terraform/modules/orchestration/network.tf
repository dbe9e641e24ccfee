# A network of its own: tasks in private subnets, out by NAT (platforms are outside), to AWS by
# endpoints. Nothing is reached from outside; who uses Airflow comes by the city's own way in.

locals {
  cidrs     = cidrsubnets(var.cidr, [for _ in range(2 * length(var.zones)) : 4]...)
  private   = { for number, zone in var.zones : zone => local.cidrs[number] }
  public    = { for number, zone in var.zones : zone => local.cidrs[number + length(var.zones)] }
  endpoints = toset(["ecr.api", "ecr.dkr", "ecs", "kms", "logs", "secretsmanager", "sqs", "sts"])
}

resource "aws_vpc" "this" {
  region               = var.region
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = var.name }
}

resource "aws_default_security_group" "none" {
  region = var.region
  vpc_id = aws_vpc.this.id
}

resource "aws_flow_log" "this" {
  region               = var.region
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination      = aws_cloudwatch_log_group.this["network"].arn
  iam_role_arn         = aws_iam_role.this["flow"].arn
  log_destination_type = "cloud-watch-logs"
}

resource "aws_subnet" "private" {
  for_each          = local.private
  region            = var.region
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_subnet" "public" {
  for_each                = local.public
  region                  = var.region
  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_internet_gateway" "this" {
  region = var.region
  vpc_id = aws_vpc.this.id
}

resource "aws_eip" "nat" {
  for_each = local.public
  region   = var.region
  domain   = "vpc"
}

resource "aws_nat_gateway" "this" {
  for_each      = local.public
  region        = var.region
  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  region = var.region
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "out" {
  region                 = var.region
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each       = local.public
  region         = var.region
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = local.private
  region   = var.region
  vpc_id   = aws_vpc.this.id
}

resource "aws_route" "nat" {
  for_each               = local.private
  region                 = var.region
  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route_table_association" "private" {
  for_each       = local.private
  region         = var.region
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_vpc_endpoint" "s3" {
  region            = var.region
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for one in aws_route_table.private : one.id]
}

resource "aws_vpc_endpoint" "service" {
  for_each            = local.endpoints
  region              = var.region
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for one in aws_subnet.private : one.id]
  security_group_ids  = [aws_security_group.this["endpoints"].id]
}

resource "aws_security_group" "this" {
  # checkov:skip=CKV2_AWS_5:Each is attached, by its key: to tasks, the function, the database, files, endpoints
  for_each = {
    tasks     = "Airflow and the receiver"
    intake    = "the function that stores deliveries"
    database  = "the database of Airflow"
    files     = "the homes of the archive"
    endpoints = "AWS in this network"
  }
  region      = var.region
  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = {
    database-tasks   = { to = "database", from = "tasks", port = 5432 }
    files-tasks      = { to = "files", from = "tasks", port = 2049 }
    receiver-intake  = { to = "tasks", from = "intake", port = 8095 }
    airflow-tasks    = { to = "tasks", from = "tasks", port = 8080 }
    logs-tasks       = { to = "tasks", from = "tasks", port = 8793 }
    endpoints-tasks  = { to = "endpoints", from = "tasks", port = 443 }
    endpoints-intake = { to = "endpoints", from = "intake", port = 443 }
  }
  region                       = var.region
  description                  = "${each.value.from} to ${each.value.to}"
  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "this" {
  # checkov:skip=CKV_AWS_382:Platforms may be anywhere, and a Matrix or Mastodon server on any port; only tasks go out
  for_each = {
    tasks  = { ports = null, protocol = "-1" }
    intake = { ports = 443, protocol = "tcp" }
  }
  region            = var.region
  description       = "${each.key} to outside"
  security_group_id = aws_security_group.this[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = each.value.protocol
  from_port         = each.value.ports
  to_port           = each.value.ports
}

resource "aws_vpc_security_group_egress_rule" "handshake" {
  region                       = var.region
  description                  = "handshakes to the receiver"
  security_group_id            = aws_security_group.this["intake"].id
  referenced_security_group_id = aws_security_group.this["tasks"].id
  ip_protocol                  = "tcp"
  from_port                    = 8095
  to_port                      = 8095
}
