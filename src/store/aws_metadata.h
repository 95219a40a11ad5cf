// The AWS keys that Amazon hands to the machine or container a program runs in, over plain HTTP on link-local
// addresses.
//
// Source: "Container credential provider" and "IMDS credential provider" of the AWS SDKs and Tools Reference Guide.
#pragma once

#include <optional>

#include "migrate/base/status.h"
#include "migrate/store/aws_iam.h"

namespace migrate::store {

// Of the container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (ECS), or AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS; http, to
// loopback and to the addresses of ECS and EKS only) with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or _TOKEN. nullopt if
// neither is set; if one is, whatever keeps it from giving keys is an error.
Result<std::optional<AwsCredentials>> ContainerCredentials();

// Of the EC2 instance, by version 2 of its metadata service (AWS_EC2_METADATA_SERVICE_ENDPOINT names another place).
// nullopt if AWS_EC2_METADATA_DISABLED is true, or nothing answers as the service would within a second, or the
// instance has no role.
Result<std::optional<AwsCredentials>> InstanceCredentials();

}  // namespace migrate::store
