"""SAM templates of several shapes that nobody wrote for us."""

from __future__ import annotations

IMPLICIT = """\
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: >
  hello

  Sample SAM Template for hello

# More about Globals: https://docs.aws.amazon.com/serverless-application-model/
Globals:
  Function:
    Timeout: 3

    LoggingConfig:
      LogFormat: JSON
Resources:
  HelloWorldFunction:
    Type: AWS::Serverless::Function # one function, one route
    Properties:
      CodeUri: src/
      Handler: app.lambda_handler
      Runtime: python3.12
      Architectures:
        - x86_64
      Events:
        HelloWorld:
          Type: Api
          Properties:
            Path: /hello
            Method: get

Outputs:
  HelloWorldApi:
    Description: "API Gateway endpoint URL for Prod stage for Hello World function"
    Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/"
"""

EXPLICIT = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  StageName: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref StageName, prod]
Globals:
  Function:
    Runtime: python3.13
    MemorySize: 256
    Tracing: Active
Resources:
    # four blanks of indentation from here
    RestApi:
        Type: AWS::Serverless::Api
        Properties:
            StageName: !Ref StageName
            TracingEnabled: true
            MethodSettings:
                - ResourcePath: /~1list
                  HttpMethod: GET
                  LoggingLevel: ERROR
                - {ResourcePath: "/*", HttpMethod: "*", MetricsEnabled: true}
    ListFunction:
        Type: AWS::Serverless::Function
        Properties:
            Handler: app.lambda_handler
            CodeUri: src/
            Policies:
                - DynamoDBReadPolicy: {TableName: !Ref Table}
            Events:
                List: {Type: Api, Properties: {RestApiId: !Ref RestApi, Path: /, Method: GET}}
    PutFunction:
        Type: AWS::Serverless::Function
        Properties:
            Handler: app.lambda_handler
            CodeUri: src/
            Role: !GetAtt PutRole.Arn
            Events:
                Put: {Type: Api, Properties: {RestApiId: !Ref RestApi, Path: /, Method: POST}}
    PutRole:
        Type: AWS::IAM::Role
        Properties:
            AssumeRolePolicyDocument:
                Version: "2012-10-17"
                Statement:
                    - Effect: Allow
                      Principal: {Service: lambda.amazonaws.com}
                      Action: sts:AssumeRole
            ManagedPolicyArns:
                - !Sub arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess
    Table:
        Type: AWS::Serverless::SimpleTable
        Condition: IsProd
"""

HTTP = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.lambda_handler
      Runtime: python3.12
      CodeUri: src/
      Events:
        Any:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Path: /{proxy+}
            Method: ANY
"""

QUEUE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.lambda_handler
      Runtime: python3.12
      CodeUri: src/
      Layers: ["arn:aws:lambda:ap-northeast-1:123456789012:layer:own:1"]
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 5}}
  Image:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageUri: 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/own:1
  Jobs:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Done
        States: {Done: {Type: Succeed}}
"""

DEFINED = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionUri: s3://bucket/api.yaml
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.lambda_handler
      Runtime: python3.12
      CodeUri: src/
"""

CONDITIONAL = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage:
    Type: String
    Default: dev
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Globals:
  Function:
    Runtime: python3.13
    Handler: app.lambda_handler
    CodeUri: src/
Resources:
  Always:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: GET}}

  # Nobody wants this one in development.
  Sometimes:
    Type: AWS::Serverless::Function
    Condition: IsProd
    Properties:
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
"""

SHAPES = {
    "implicit": IMPLICIT,
    "explicit": EXPLICIT,
    "http": HTTP,
    "queue": QUEUE,
    "defined": DEFINED,
    "conditional": CONDITIONAL,
}

CODE = """\
def lambda_handler(event, context):
    return {"statusCode": 200}
"""
