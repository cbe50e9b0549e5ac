using Azure;
using Azure.Identity;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Says what Azure's errors mean to an archive. Passes on codes and not the service's text, nor the exception as a cause:
/// where a signature is wrong, they repeat it.</summary>
internal static class AzureFailure
{
    public static async Task<T> GuardAsync<T>(string what, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Translate(what, exception) is { } failure)
        {
            throw failure;
        }
    }

    /// <param name="what">The blob or the container, without any secret.</param>
    /// <returns>Null for what is no failure of the store.</returns>
    public static StorageException? Translate(string what, Exception exception) => exception switch
    {
        RequestFailedException { Status: 0 } => Unreachable(what, exception),
        RequestFailedException failed => Answered(what, failed),
        // Every try failed: the last one says why.
        AggregateException { InnerExceptions: [.., var last] } => Translate(what, last),
        AuthenticationFailedException => new StorageException(Reason.StoreRefused, $"{what}: no token could be had: {FirstLine(exception.Message)}"),
        // Not by the caller's wish, which was looked at before: the network timeout.
        OperationCanceledException or IOException or HttpRequestException => Unreachable(what, exception),
        _ => null,
    };

    private static StorageException Answered(string what, RequestFailedException failed)
    {
        var (reason, words) = failed switch
        {
            { ErrorCode: "ContainerNotFound" or "ContainerBeingDeleted" } => (Reason.StoreUnreachable, "the container does not exist"),
            { ErrorCode: "BlobArchived" or "BlobBeingRehydrated" } => (Reason.StoreRefused, "the blob is in the archive tier; move it to Hot, Cool or Cold, wait until it is rehydrated (hours), and run again"),
            // "BlobImmutableDueToPolicy", and what the service says of legal holds.
            { Status: 409, ErrorCode: { } code } when code.Contains("Immutab", StringComparison.Ordinal) || code.Contains("LegalHold", StringComparison.Ordinal)
                => (Reason.BlobHeld, "the store does not let it be changed or removed yet"),
            { Status: 404 } => (Reason.BlobMissing, "it is not there"),
            { Status: 401 or 403 } => (Reason.StoreRefused, "the store refuses the credentials, or they do not allow this"),
            { Status: 408 or 429 or >= 500 } => (Reason.StoreUnreachable, "the store cannot answer now"),
            _ => (Reason.StoreRefused, "the store refused"),
        };
        return new StorageException(reason, $"{what}: {words} ({failed.Status} {failed.ErrorCode}{RequestId(failed)}).");
    }

    private static StorageException Unreachable(string what, Exception exception)
    {
        // The innermost says what happened to the connection; the others repeat it.
        var cause = exception.GetBaseException();
        return new StorageException(Reason.StoreUnreachable, $"{what} cannot be reached: {FirstLine(cause.Message)}", cause);
    }

    // What Azure's support asks for.
    private static string RequestId(RequestFailedException failed) =>
        failed.GetRawResponse()?.Headers.RequestId is { } id ? $", request {id}" : "";

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();
}
