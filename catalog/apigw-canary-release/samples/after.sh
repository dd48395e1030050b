# The fix: the pipeline deploys to the canary of the stage, and promotes it later.
aws apigateway create-deployment --rest-api-id "$API" --stage-name prod \
  --canary-settings percentTraffic=10,useStageCache=false

aws apigateway update-stage --rest-api-id "$API" --stage-name prod --patch-operations \
  op=copy,from=/canarySettings/deploymentId,path=/deploymentId \
  op=replace,path=/canarySettings/percentTraffic,value=0.0

aws apigateway update-stage --rest-api-id "$API" --stage-name prod --patch-operations \
  op=remove,path=/canarySettings
