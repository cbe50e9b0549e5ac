namespace Migrator.Storage.Blobs.Azure;

/// <summary>Why the service let a request not through (401, 403), in words: which permission is missing, or what else is.</summary>
internal static class AzureRefusal
{
    public static string Words(AzureCall request, string? code) =>
        code switch
        {
            "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" or "UnauthorizedBlobOverwrite" => Lacks(request),
            "AuthorizationResourceTypeMismatch" => "the signature lacks a resource type: its \"srt\" needs container (c) and object (o)",
            "AuthorizationServiceMismatch" => "the signature is not for blobs: its \"ss\" needs \"b\"",
            "AuthorizationSourceIPMismatch" => "the signature is not for the address of this machine (\"sip\")",
            "AuthorizationProtocolMismatch" => "the signature is for https only (\"spr\")",
            "KeyBasedAuthenticationNotPermitted" =>
                "the account does not accept its keys, nor signatures made with them; leave connectionString and sas out "
                    + "and give this machine's identity a role, or use a user delegation SAS",
            "AccountIsDisabled" => "the storage account is disabled",
            "AuthenticationFailed" or "InvalidAuthenticationInfo" => Unauthenticated(request),
            "AuthorizationFailure" => $"either the account's network rules block this machine, or {Lacks(request)}",
            _ => $"the store refuses the credentials. {char.ToUpperInvariant(Lacks(request)[0])}{Lacks(request)[1..]}, perhaps",
        };

    private static string Lacks(AzureCall request) =>
        request.Access is null
            ? $"the credentials may not {request.Needs.Verb()} in {request.ContainerWords}: with an identity, the role "
                + $"\"{request.Needs.Role()}\" on it is needed"
            : $"the signature may not {request.Needs.Verb()} in {request.ContainerWords}: it lacks the permission "
                + $"{request.Needs.Name()} ({request.Needs.Letter()})";

    private static string Unauthenticated(AzureCall request) =>
        request.Access switch
        {
            { Ends: { } ends } when ends <= request.Time.GetUtcNow() => $"the signature ended at {ends.UtcDateTime:u}",
            { IsOfAccount: true } => "the signature is not one of this account, or the key that made it was replaced",
            not null => $"the signature is not one of {request.ContainerWords}, or it was revoked (its key was replaced, or its access "
                + "policy changed)",
            _ => "the account's key or the token is not accepted",
        };
}
