using System.Text;
using System.Text.RegularExpressions;
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

    /// <param name="before">What became of them already; null for nothing. Only what was refused is sent again.</param>
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
            if (results[index].State == AppendState.Stored)
                continue;
            var (answer, interruption) =
                results[index].State == AppendState.Refused
                    ? (results[index], null)
                    : await OneAsync(message, message.InternalDate, cancellationToken);
            if (interruption is null && answer.Refusal?.Reason == Reason.AppendRefused)
                (answer, interruption) = await AgainAsync(message, answer, cancellationToken);
            results[index] = answer;
            if (interruption is not null)
                return new AppendResult(results, interruption);
        }
        return new AppendResult(results, null);
    }

    /// <summary>A refusal that says nothing in particular may have been for the moment, or for the date: a message is worth more without
    /// its date than not at all. What the target made of it is read back and reported.</summary>
    private async Task<(AppendedMessage, Exception?)> AgainAsync(
        OutgoingMessage message,
        AppendedMessage refused,
        CancellationToken cancellationToken
    )
    {
        if (!Blames(refused.Refusal!.Message))
        {
            var (answer, interruption) = await OneAsync(message, message.InternalDate, cancellationToken);
            if (interruption is not null || answer.Refusal?.Reason != Reason.AppendRefused || !IsUnusual(message.InternalDate))
                return (answer, interruption);
        }
        return await OneAsync(message, null, cancellationToken);
    }

    private static bool Blames(string refusal) => DateWords().IsMatch(refusal);

    private static bool IsUnusual(DateTimeOffset date) =>
        date.Year is < 1990 or > 2037 || Math.Abs(date.Offset.TotalHours) > 12 || date.Offset.Minutes % 15 != 0;

    private async Task<(AppendedMessage, Exception?)> OneAsync(
        OutgoingMessage message,
        DateTimeOffset? date,
        CancellationToken cancellationToken
    )
    {
        var request = Request(message);
        request.InternalDate = date is { } given ? Writable(given) : null;
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
            ? (new AppendedMessage(AppendState.Refused, Refusal: failure), null)
            : (new AppendedMessage(AppendState.NotSent), failure);
    }

    private static AppendedMessage Stored(UniqueId? uid) => new(AppendState.Stored, uid?.Id ?? 0, UidValidity: uid?.Validity ?? 0);

    private static AppendRequest Request(OutgoingMessage message) =>
        new(
            RawMessage.Create(message.Size, message.Content),
            Flags.System(message.Flags),
            message.Flags.Keywords,
            Writable(message.InternalDate)
        );

    private static string Quoted(string wireName) => $"\"{wireName.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    // MailKit writes -0030 as +0030.
    private static DateTimeOffset Writable(DateTimeOffset date) =>
        date.Offset < TimeSpan.Zero && date.Offset.Hours == 0 ? date.ToUniversalTime() : date;

    [GeneratedRegex(@"\b(?:internal)?date(?:[-_ ]?time)?\b|\btimestamp\b|\b(?:year|month|day)\b", RegexOptions.IgnoreCase)]
    private static partial Regex DateWords();
}
