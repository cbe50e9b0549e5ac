using Azure;
using Azure.Identity;
using Migrator.Core.Failures;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Says what Azure's errors mean to an archive. Passes on codes and not the service's text, nor the exception as a cause:
/// where a signature is wrong, they repeat it.</summary>
internal static class AzureFailure
{
    public static async Task<T> GuardAsync<T>(AzureCall request, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Translate(request, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <returns>Null for what is not a failure of the store.</returns>
    public static StorageException? Translate(AzureCall request, Exception exception) =>
        exception switch
        {
            RequestFailedException { Status: 0 } => Unreachable(request, exception),
            RequestFailedException failed => Answered(request, failed),
            // Every try failed: the last one says why.
            AggregateException { InnerExceptions: [.., var last] } => Translate(request, last),
            AuthenticationFailedException => new StorageException(
                Reason.AccessDenied,
                $"{request.What}: no token could be obtained: {FirstLine(exception.Message)}"
            ),
            // Not by the caller's wish, which was examined before: the network timeout.
            OperationCanceledException or IOException or HttpRequestException => Unreachable(request, exception),
            _ => null,
        };

    private static StorageException Answered(AzureCall request, RequestFailedException failed)
    {
        var (reason, words) = failed switch
        {
            { ErrorCode: "ContainerNotFound" } => (Reason.ContainerMissing, $"{request.ContainerWords} does not exist"),
            { ErrorCode: "ContainerBeingDeleted" } => (Reason.StoreUnreachable, $"{request.ContainerWords} is being deleted"),
            { ErrorCode: "BlobArchived" } => (
                Reason.BlobOffline,
                "it is in the archive tier and cannot be read or replaced before it was rehydrated, which takes up to 15 hours"
            ),
            { ErrorCode: "BlobBeingRehydrated" } => (
                Reason.BlobOffline,
                "it is being rehydrated from the archive tier, which takes up to 15 hours"
            ),
            // "BlobImmutableDueToPolicy", and what the service says of legal holds.
            { Status: 409, ErrorCode: { } code }
                when code.Contains("Immutab", StringComparison.Ordinal) || code.Contains("LegalHold", StringComparison.Ordinal) => (
                Reason.BlobImmutable,
                "the store does not let it be changed or removed yet"
            ),
            { Status: 404 } => (Reason.BlobMissing, "it is not there"),
            { Status: 401 or 403 } => (Reason.AccessDenied, AzureRefusal.Words(request, failed.ErrorCode)),
            { Status: 408 or 429 or >= 500 } => (Reason.StoreUnreachable, "the store cannot answer now"),
            _ => (Reason.AccessDenied, "the store refused"),
        };
        return new StorageException(reason, $"{request.What}: {words} ({failed.Status} {failed.ErrorCode}{RequestId(failed)}).");
    }

    private static StorageException Unreachable(AzureCall request, Exception exception)
    {
        // The innermost says what happened to the connection; the others repeat it.
        var cause = exception.GetBaseException();
        return new StorageException(Reason.StoreUnreachable, $"{request.What} cannot be reached: {FirstLine(cause.Message)}", cause);
    }

    // What Azure's support asks for.
    private static string RequestId(RequestFailedException failed) =>
        failed.GetRawResponse()?.Headers.RequestId is { } id ? $", request {id}" : "";

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();
}
