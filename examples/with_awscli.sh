#!/usr/bin/env bash
# A use case by the AWS CLI alone: nothing here knows Ropeway. Any AWS endpoint will do.
#
#     eval "$(ropeway sandbox env)"
#     examples/with_awscli.sh mammography|abalone
set -euo pipefail

case "${1:-}" in
  mammography) group=mammography-severity prefix=mammography-severity/data ;;
  abalone) group=abalone prefix=abalone/data ;;
  *) echo "usage: with_awscli.sh mammography|abalone" >&2; exit 2 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)/$1
name=$1
bucket=ropeway-examples
role=arn:aws:iam::111111111111:role/RopewayExecutionRole
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AWS_PAGER=

run() { # run PIPELINE: create or update it, start it, wait for its end
  local pipeline=$name-$1 definition=file://$here/definitions/$1.json arn status
  if aws sagemaker describe-pipeline --pipeline-name "$pipeline" >/dev/null 2>&1; then
    aws sagemaker update-pipeline --pipeline-name "$pipeline" --pipeline-definition "$definition" >/dev/null
  else
    aws sagemaker create-pipeline --pipeline-name "$pipeline" --role-arn "$role" \
      --pipeline-definition "$definition" >/dev/null
  fi
  arn=$(aws sagemaker start-pipeline-execution --pipeline-name "$pipeline" --query PipelineExecutionArn --output text)
  while :; do
    status=$(aws sagemaker describe-pipeline-execution --pipeline-execution-arn "$arn" \
      --query PipelineExecutionStatus --output text)
    [[ $status == Executing || $status == Stopping ]] || break
  done
  aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn "$arn" --sort-order Ascending \
    --query 'PipelineExecutionSteps[].[StepName,StepStatus,FailureReason]' --output text
  [[ $status == Succeeded ]] || { echo "$arn is $status" >&2; exit 1; }
}

aws s3 mb "s3://$bucket" >/dev/null 2>&1 || aws s3api head-bucket --bucket "$bucket" >/dev/null
"${PYTHON:-python3}" "$here/data.py" "$work/data"
aws s3 cp --quiet --recursive "$work/data" "s3://$bucket/$prefix"
grep -ohE "s3://$bucket/[^\"]*\.(py|yaml)" "$here"/definitions/*.json | sort -u | while read -r address; do
  aws s3 cp --quiet "$here/scripts/$(basename "$address")" "$address"
done

make() { # make FUNCTION HANDLER: a function that a pipeline calls
  aws lambda get-function --function-name "$1" >/dev/null 2>&1 && return
  (cd "$here/scripts" && "${PYTHON:-python3}" -m zipfile -c "$work/function.zip" latest_approved.py)
  aws lambda create-function --function-name "$1" --runtime python3.12 --role "$role" --timeout 120 \
    --handler "latest_approved.$2" --zip-file "fileb://$work/function.zip" >/dev/null
}
if [[ $name == mammography ]]; then
  make mammography-train-champion champion
  make mammography-inference-latest-approved lambda_handler
fi

run train
newest=$(aws sagemaker list-model-packages --model-package-group-name "$group" --sort-by CreationTime \
  --sort-order Descending --max-items 1 --query 'ModelPackageSummaryList[0].ModelPackageArn' --output text | head -n 1)
aws sagemaker update-model-package --model-package-arn "$newest" --model-approval-status Approved >/dev/null
echo "$newest: Approved"

if [[ $name == mammography ]]; then
  run inference
  aws s3 ls --recursive "s3://$bucket/$group/predictions/"
fi
