using System.Text;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Appends messages in the fastest way that the server offers, and says of each what became of it.</summary>
/// <param name="reader">Has the target folder open.</param>
/// <param name="openPipeline">Opens a connection for appends alone.</param>
internal sealed partial class Appender(
    StreamingImapClient client,
    ImapSource reader,
    Func<CancellationToken, Task<AppendPipeline>> openPipeline
) : IAsyncDisposable
{
    // One MULTIAPPEND is one commit at the server: more messages gain little beyond this and repeat more after a failure.
    private const int MultiAppendBatch = 200;

    private const int PipelineBatch = 64;

    private AppendPipeline? _pipeline;
    private bool _noPipeline;

    public int MaxBatch { get; } =
        client.Capabilities.HasFlag(ImapCapabilities.MultiAppend) ? MultiAppendBatch
        : client.Capabilities.HasFlag(ImapCapabilities.LiteralPlus) ? PipelineBatch
        : 1;

    public async Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (reader.Opened.Access == FolderAccess.ReadOnly)
            return new AppendResult(
                new AppendedMessage[messages.Count],
                reader.Failed(Reason.FolderReadOnly, "appending: the server opens this folder for reading only")
            );
        if (messages.Count > 1 && MaxBatch == MultiAppendBatch)
            return await TogetherAsync(messages, cancellationToken);
        return
            messages.Count > 1
            && MaxBatch == PipelineBatch
            && Ascii.IsValid(reader.Opened.WireName)
            && await PipelineAsync(cancellationToken) is { } pipeline
            ? await OneByOneAsync(
                messages,
                await pipeline.AppendAsync(Quoted(reader.Opened.WireName), messages, cancellationToken),
                cancellationToken
            )
            : await OneByOneAsync(messages, null, cancellationToken);
    }

    public ValueTask DisposeAsync() => _pipeline?.DisposeAsync() ?? default;

    /// <returns>Null where the server allows no second connection: over the first it still takes messages, nothing was sent yet, and a new
    /// session would fare no better.</returns>
    private async Task<AppendPipeline?> PipelineAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_noPipeline)
                _pipeline ??= await openPipeline(cancellationToken);
        }
        catch (Exception exception) when (exception is MailException or OperationCanceledException)
        {
            _noPipeline = true;
        }
        return _pipeline;
    }

    private async Task<AppendResult> TogetherAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var requests = messages.Select(Request).ToList<IAppendRequest>();
        try
        {
            // Without UIDPLUS the list is empty.
            var uids = await reader.Opened.AppendAsync(RawMessage.Format, requests, cancellationToken);
            return new AppendResult(
                [.. messages.Select((_, index) => uids.Count == messages.Count ? Stored(uids[index]) : Stored(null))],
                null
            );
        }
        catch (Exception exception) when (ExceptionClassifier.IsServers(exception) || exception is OperationCanceledException)
        {
            var (answer, interruption) = Answer(exception);
            var each =
                answer.State == AppendState.Refused
                    ? answer with
                    {
                        State = AppendState.RefusedTogether,
                    }
                    // Not every server undoes what it has taken before it refuses.
                    : new AppendedMessage(AppendState.Unknown);
            return new AppendResult([.. messages.Select(_ => each)], interruption);
        }
        finally
        {
            foreach (var request in requests)
                request.Message.Dispose();
        }
    }

    /// <param name="before">What became of them already; null for nothing.</param>
    private async Task<AppendResult> OneByOneAsync(
        IReadOnlyList<OutgoingMessage> messages,
        AppendResult? before,
        CancellationToken cancellationToken
    )
    {
        if (before?.Interruption is not null)
            return before;
        var results = before?.Messages.ToArray() ?? new AppendedMessage[messages.Count];
        foreach (var (index, message) in messages.Index())
        {
            if (results[index].State is AppendState.Stored or AppendState.Refused)
                continue;
            var (answer, interruption) = await OneAsync(message, cancellationToken);
            results[index] = answer;
            if (interruption is not null)
                return new AppendResult(results, interruption);
        }
        return new AppendResult(results, null);
    }

    private async Task<(AppendedMessage, Exception?)> OneAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var request = Request(message);
        try
        {
            var uid = await reader.Opened.AppendAsync(RawMessage.Format, request, cancellationToken);
            return (Stored(uid), null);
        }
        catch (Exception exception) when (ExceptionClassifier.IsServers(exception) || exception is OperationCanceledException)
        {
            return Answer(exception);
        }
        finally
        {
            request.Message.Dispose();
        }
    }

    /// <summary>What an append that failed means for its message, and for those that come after it.</summary>
    private (AppendedMessage, Exception?) Answer(Exception exception)
    {
        if (exception is OperationCanceledException)
            return (new AppendedMessage(AppendState.Unknown), exception);
        var failure = reader.Translate(exception, Reason.AppendRefused, "appending");
        // TRYCREATE comes as a folder that was not found.
        if (exception is not (ImapCommandException or FolderNotFoundException))
            return (new AppendedMessage(AppendState.Unknown), failure);
        return failure.Reason.Scope is FailureScope.Message or FailureScope.Mailbox
            ? (RefusedAppend.Of(failure), null)
            : (new AppendedMessage(AppendState.NotSent), failure);
    }

    private static AppendedMessage Stored(UniqueId? uid) => new(AppendState.Stored, uid?.Id ?? 0, UidValidity: uid?.Validity ?? 0);

    private static AppendRequest Request(OutgoingMessage message) =>
        new(RawMessage.Create(message.Size, message.Content), Flags.System(message.Flags), message.Flags.Keywords)
        {
            InternalDate = message.InternalDate is { } date ? Writable(date) : null,
        };

    private static string Quoted(string wireName) => $"\"{wireName.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    // MailKit writes -0030 as +0030.
    private static DateTimeOffset Writable(DateTimeOffset date) =>
        date.Offset < TimeSpan.Zero && date.Offset.Hours == 0 ? date.ToUniversalTime() : date;
}
