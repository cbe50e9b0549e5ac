using MailKit;
using MailKit.Net.Imap;
using Migrator.Core.Mail;
using Migrator.Mail.Connecting;

namespace Migrator.Mail.Imap;

/// <summary>Appends messages in the fastest way that the server offers, and says of each what became of it.</summary>
/// <param name="reader">Has the target folder open.</param>
/// <param name="openPipeline">Opens a connection for appends alone.</param>
internal sealed class Appender(FetchingClient client, ImapSource reader, Func<CancellationToken, Task<AppendPipeline>> openPipeline) : IAsyncDisposable
{
    // One MULTIAPPEND is one commit at the server: more messages gain little beyond this and repeat more after a failure.
    private const int MultiAppendBatch = 200;

    private const int PipelineBatch = 64;

    private AppendPipeline? _pipeline;
    private bool _noPipeline;

    public int MaxBatch { get; } = client.Capabilities.HasFlag(ImapCapabilities.MultiAppend) ? MultiAppendBatch
        : client.Capabilities.HasFlag(ImapCapabilities.LiteralPlus) ? PipelineBatch : 1;

    public async Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count > 1 && MaxBatch == MultiAppendBatch)
            return await TogetherAsync(messages, cancellationToken).ConfigureAwait(false);
        return messages.Count > 1 && MaxBatch == PipelineBatch && await PipelineAsync(cancellationToken).ConfigureAwait(false) is { } pipeline
            ? await pipeline.AppendAsync(ModifiedUtf7.Quoted(reader.Opened.FullName), messages, cancellationToken).ConfigureAwait(false)
            : await OneByOneAsync(messages, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _pipeline?.DisposeAsync() ?? default;

    /// <returns>Null where the server allows no second connection: over the first it still takes messages, nothing was sent yet, and a new session would fare
    /// no better.</returns>
    private async Task<AppendPipeline?> PipelineAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_noPipeline)
                _pipeline ??= await openPipeline(cancellationToken).ConfigureAwait(false);
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
            var uids = await reader.Opened.AppendAsync(RawMessage.Format, requests, cancellationToken).ConfigureAwait(false);
            return new AppendResult([.. messages.Select((_, index) => new Appended(AppendState.Stored, uids.Count == messages.Count ? uids[index].Id : 0))], null);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception) || exception is OperationCanceledException)
        {
            var (answer, interruption) = Answer(exception);
            var each = answer.State == AppendState.Refused ? answer with { State = AppendState.RefusedTogether }
                // Not every server undoes what it has taken before it refuses.
                : new Appended(AppendState.Unknown);
            return new AppendResult([.. messages.Select(_ => each)], interruption);
        }
        finally
        {
            foreach (var request in requests)
                request.Message.Dispose();
        }
    }

    private async Task<AppendResult> OneByOneAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var results = new Appended[messages.Count];
        foreach (var (index, message) in messages.Index())
        {
            (results[index], var interruption) = await OneAsync(message, cancellationToken).ConfigureAwait(false);
            if (interruption is not null)
                return new AppendResult(results, interruption);
        }
        return new AppendResult(results, null);
    }

    private async Task<(Appended, Exception?)> OneAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var request = Request(message);
        try
        {
            var uid = await reader.Opened.AppendAsync(RawMessage.Format, request, cancellationToken).ConfigureAwait(false);
            return (new Appended(AppendState.Stored, uid?.Id ?? 0), null);
        }
        catch (Exception exception) when (MailErrors.IsMail(exception) || exception is OperationCanceledException)
        {
            return Answer(exception);
        }
        finally
        {
            request.Message.Dispose();
        }
    }

    /// <summary>What an append that failed means for its message, and for those that come after it.</summary>
    private (Appended, Exception?) Answer(Exception exception)
    {
        if (exception is OperationCanceledException)
            return (new Appended(AppendState.Unknown), exception);
        var failure = reader.Translate(exception, Reason.AppendRefused, "appending");
        // TRYCREATE comes as a folder that was not found.
        if (exception is not (ImapCommandException or FolderNotFoundException))
            return (new Appended(AppendState.Unknown), failure);
        return failure.Reason.Scope is FailureScope.Message or FailureScope.Mailbox
            ? (new Appended(AppendState.Refused, Refusal: failure), null)
            : (new Appended(AppendState.NotSent), failure);
    }

    private static AppendRequest Request(OutgoingMessage message) => new(
        RawMessage.Create(message.Size, message.Content), Flags.System(message.Flags), message.Flags.Keywords, Writable(message.InternalDate));

    // MailKit writes -0030 as +0030.
    private static DateTimeOffset Writable(DateTimeOffset date) => date.Offset < TimeSpan.Zero && date.Offset.Hours == 0 ? date.ToUniversalTime() : date;
}
