namespace Migrator.Storage.Blobs.Azure;

/// <param name="What">The blob or the container, without any secret.</param>
/// <param name="ContainerWords">The container, as text.</param>
/// <param name="Needs">What the request has to be allowed.</param>
/// <param name="Access">The signature that it is signed with; null for other credentials.</param>
/// <param name="Time">Tells whether that has ended.</param>
internal readonly record struct AzureCall(
    string What,
    string ContainerWords,
    AzurePermission Needs,
    SharedAccess? Access,
    TimeProvider Time
);
