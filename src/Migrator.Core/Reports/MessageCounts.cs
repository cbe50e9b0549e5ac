using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <summary>Found = Delivered + AlreadyThere + Vanished + Skipped + Failed + Remaining.</summary>
/// <param name="Found">Messages that the source listed during this run.</param>
/// <param name="Delivered">Appended to the target in this run.</param>
/// <param name="AlreadyThere">In the target before: delivered by an earlier run, or found there by content.</param>
/// <param name="Vanished">Removed by somebody: at the source between listing and fetching, or at the target after an earlier run
/// delivered it.</param>
/// <param name="Skipped">Left out by rule.</param>
/// <param name="Failed">Not at the target, each with a reason.</param>
/// <param name="Remaining">Not dealt with because the run, or the folder, was stopped or given up.</param>
/// <param name="DeliveredBytes">Bytes of the messages delivered.</param>
public readonly record struct MessageCounts(
    long Found,
    long Delivered,
    long AlreadyThere,
    long Vanished,
    long Skipped,
    long Failed,
    long Remaining,
    long DeliveredBytes
)
{
    public static MessageCounts operator +(MessageCounts a, MessageCounts b) =>
        new(
            a.Found + b.Found,
            a.Delivered + b.Delivered,
            a.AlreadyThere + b.AlreadyThere,
            a.Vanished + b.Vanished,
            a.Skipped + b.Skipped,
            a.Failed + b.Failed,
            a.Remaining + b.Remaining,
            a.DeliveredBytes + b.DeliveredBytes
        );

    public bool AddsUp => Found == Delivered + AlreadyThere + Vanished + Skipped + Failed + Remaining;
}
