#!/usr/bin/env bash
# Deploys bootstrap.yaml by the AWS CLI, where there is no Ropeway. Shows the plan, asks, and may be run again.
#
#   bootstrap.sh --prefix acme-retail-dev --deployment retail-dev --forge github --repository acme-ml/platform
#                [--region R] [--branch B] [--oidc-provider ARN] [--ci-principal ARN] [--boundary NAME] [--lock-table] [--s1]
#                [--yes]
#
# Account and credentials are the AWS CLI's. Everything else about names is checked by CloudFormation.
set -euo pipefail

fail() { echo "error: $1" >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix="" region="${AWS_REGION:-${AWS_DEFAULT_REGION:-}}" yes=false provider="" issuer="" parameters=()

while [ $# -gt 0 ]; do
  option=$1
  case "$option" in
    --yes) yes=true; shift; continue ;;
    --lock-table) parameters+=("LockTable=true"); shift; continue ;;
    --s1) parameters+=("S1Parameters=true"); shift; continue ;;
  esac
  [ $# -ge 2 ] || fail "$option needs a value"
  case "$option" in
    --prefix) prefix=$2; parameters+=("Prefix=$2") ;;
    --deployment) parameters+=("Deployment=$2") ;;
    --forge)
      parameters+=("Forge=$2")
      case "$2" in
        github) issuer=token.actions.githubusercontent.com ;;
        gitlab) issuer=gitlab.com; parameters+=("OidcIssuer=gitlab.com" "OidcAudience=https://gitlab.com") ;;
      esac ;;
    --repository) parameters+=("Repository=$2") ;;
    --branch) parameters+=("Branch=$2") ;;
    --oidc-provider) provider=$2 ;;
    --ci-principal) parameters+=("CiPrincipalArn=$2") ;;
    --boundary) parameters+=("BoundaryName=$2") ;;
    --region) region=$2 ;;
    *) fail "unknown option $option" ;;
  esac
  shift 2
done

[[ "$prefix" =~ ^[a-z][a-z0-9]*(-[a-z0-9]+){2,}$ ]] || fail "--prefix must be PLATFORM-UNIT-ENVIRONMENT, such as acme-retail-dev"
for needed in Deployment Forge Repository; do
  [[ " ${parameters[*]} " == *" $needed="* ]] || fail "--$(echo "$needed" | tr '[:upper:]' '[:lower:]') is missing"
done
[ -n "$region" ] || fail "--region is missing"

export AWS_PAGER="" AWS_REGION=$region AWS_DEFAULT_REGION=$region
stack="$prefix-bootstrap"
account=$(aws sts get-caller-identity --query Account --output text)
echo "stack $stack in account $account, $region" >&2

# A provider that the account has, and that is not this stack's own, is used.
if [ -n "$issuer" ] && [ -z "$provider" ]; then
  own=$(aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id OidcProvider \
    --query StackResourceDetail.PhysicalResourceId --output text 2>/dev/null || true)
  if [ -z "$own" ]; then
    provider=$(aws iam list-open-id-connect-providers --output text \
      --query "OpenIDConnectProviderList[?ends_with(Arn, ':oidc-provider/$issuer')].Arn | [0]")
    [ "$provider" != None ] || provider=""
  fi
fi
parameters+=("OidcProviderArn=$provider")

deploy() {
  aws cloudformation deploy --stack-name "$stack" --template-file "$here/bootstrap.yaml" \
    --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset --parameter-overrides "${parameters[@]}" "$@"
}

if [ "$yes" != true ]; then
  [ -t 0 ] || fail "nobody can be asked: give --yes"
  deploy --no-execute-changeset >&2
  newest='sort_by(Summaries[?ExecutionStatus==`AVAILABLE`], &CreationTime)[-1].ChangeSetName'
  planned=$(aws cloudformation list-change-sets --stack-name "$stack" --query "$newest" --output text)
  if [ "$planned" != None ]; then
    aws cloudformation describe-change-set --stack-name "$stack" --change-set-name "$planned" --output table \
      --query 'Changes[].ResourceChange.[Action,ResourceType,LogicalResourceId,Replacement]' >&2
    read -r -p "Change account $account? [y/N] " answer
    aws cloudformation delete-change-set --stack-name "$stack" --change-set-name "$planned"
    [ "$answer" = y ] || { echo "nothing was changed" >&2; exit 1; }
  fi
fi
deploy >&2
aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text
