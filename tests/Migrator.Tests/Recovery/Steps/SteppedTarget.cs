using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>The same of a target.</summary>
/// <param name="isPipelined">What was answered before the session is lost, is known.</param>
internal sealed class SteppedTarget(IMailTarget session, string name, RunSteps steps, bool isPipelined)
    : SteppedSource(session, name, steps),
        IMailTarget
{
    public TargetCapabilities Traits => session.Traits;

    public Task<IReadOnlyCollection<char>> RefusedInNamesAsync(IReadOnlyCollection<char> characters, CancellationToken cancellationToken) =>
        ReadAsync("names", () => session.RefusedInNamesAsync(characters, cancellationToken));

    public Task<bool> FoldsCaseAsync(FolderPath folder, CancellationToken cancellationToken) =>
        ReadAsync("case", () => session.FoldsCaseAsync(folder, cancellationToken));

    public Task<long?> MaxSizeAsync(FolderPath folder, CancellationToken cancellationToken) =>
        ReadAsync("size limit", () => session.MaxSizeAsync(folder, cancellationToken));

    public Task<IReadOnlyList<MailQuota>?> QuotasAsync(FolderPath folder, CancellationToken cancellationToken) =>
        ReadAsync("quotas", () => session.QuotasAsync(folder, cancellationToken));

    public async Task CreateFolderAsync(FolderPath folder, SpecialUse use, CancellationToken cancellationToken) =>
        await ChangeAsync(
            $"create {folder}",
            () => session.CreateFolderAsync(folder, use, cancellationToken),
            null,
            (await session.ListFoldersAsync(cancellationToken)).All(known => known.Path != folder)
        );

    public Task RenameFolderAsync(FolderPath folder, FolderPath name, CancellationToken cancellationToken) =>
        ChangeAsync($"rename {folder} to {name}", () => session.RenameFolderAsync(folder, name, cancellationToken), null);

    public Task<bool> DeleteFolderAsync(FolderPath folder, FolderState? expected, CancellationToken cancellationToken) =>
        OfSessionAsync(
            "delete folder",
            () => Steps.TakeAsync(Name($"delete {folder}"), () => session.DeleteFolderAsync(folder, expected, cancellationToken), null)
        );

    public async Task SubscribeAsync(FolderPath folder, CancellationToken cancellationToken) =>
        await ChangeAsync(
            $"subscribe {folder}",
            () => session.SubscribeAsync(folder, cancellationToken),
            null,
            (await session.ListFoldersAsync(cancellationToken)).All(known => known.Path != folder || !known.Subscribed)
        );

    public FlagSet FilterPermanentFlags(FlagSet flags) => session.FilterPermanentFlags(flags);

    public Task<AppendResult> AppendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        OfSessionAsync("append", () => AppendOrLoseAsync(messages, cancellationToken));

    public Task<IReadOnlyList<CopiedMessage>> CopyAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    ) =>
        OfSessionAsync(
            "copy",
            () =>
                Steps.TakeAsync(
                    Name($"copy {uids.Count} to {folder}"),
                    () => session.CopyAsync(uids, folder, cancellationToken),
                    uids.Count < 2 ? null : () => session.CopyAsync(Half(uids), folder, cancellationToken)
                )
        );

    public Task<IReadOnlyList<CopiedMessage>> MoveAsync(
        IReadOnlyList<TargetUid> uids,
        FolderPath folder,
        CancellationToken cancellationToken
    ) =>
        OfSessionAsync(
            "move",
            () =>
                Steps.TakeAsync(
                    Name($"move {uids.Count} to {folder}"),
                    () => session.MoveAsync(uids, folder, cancellationToken),
                    session is MemoryMailTarget { MovesByCopy: true } ? () => session.CopyAsync(uids, folder, cancellationToken)
                        : uids.Count < 2 ? null
                        : () => session.MoveAsync(Half(uids), folder, cancellationToken)
                )
        );

    public Task RemoveAsync(IReadOnlyList<TargetUid> uids, CancellationToken cancellationToken) =>
        ChangeAsync(
            $"remove {uids.Count}",
            () => session.RemoveAsync(uids, cancellationToken),
            uids.Count < 2 ? null : () => session.RemoveAsync(Half(uids), cancellationToken)
        );

    public Task StoreFlagsAsync(IReadOnlyList<TargetUid> uids, FlagSet add, FlagSet remove, CancellationToken cancellationToken) =>
        ChangeAsync(
            $"store +({add}) -({remove}) of {uids.Count}",
            () => session.StoreFlagsAsync(uids, add, remove, cancellationToken),
            uids.Count < 2 ? null : () => session.StoreFlagsAsync(Half(uids), add, remove, cancellationToken)
        );

    private static IReadOnlyList<T> Half<T>(IReadOnlyList<T> all) => [.. all.Take(all.Count / 2)];

    private async Task<AppendResult> AppendOrLoseAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var what = Name($"append {messages.Count}");
        if (!Steps.Strikes(what, messages.Count > 1, changes: true))
        {
            Steps.Changed(what);
            return await session.AppendAsync(messages, cancellationToken);
        }
        var stored = Steps.Moment switch
        {
            FaultMoment.Before => 0,
            FaultMoment.Half => messages.Count / 2,
            _ => messages.Count,
        };
        var done = stored == 0 ? [] : (await session.AppendAsync([.. messages.Take(stored)], cancellationToken)).Messages;
        var fault = Steps.Fail(what);
        if (fault is ProcessKilledException)
            throw fault;
        Lose();
        // The last answer was on its way.
        var answered = isPipelined ? Math.Max(0, stored - 1) : 0;
        return new AppendResult(
            [.. done.Take(answered), .. Enumerable.Repeat(new AppendedMessage(AppendState.Unknown), messages.Count - answered)],
            fault
        );
    }
}
