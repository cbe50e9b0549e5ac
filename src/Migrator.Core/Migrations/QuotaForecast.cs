using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>One quota of the target compared with the mail that a run would bring.</summary>
/// <param name="Coming">Of all folders that count towards it.</param>
/// <param name="IsExact">All of it comes for certain, and perhaps more: nothing of it can be at the target already.</param>
/// <param name="HasUnknownSizes">More bytes come than <paramref name="Coming"/> says.</param>
public sealed record QuotaForecast(MailQuota Quota, MailAmount Coming, bool IsExact, bool HasUnknownSizes)
{
    // Servers round what is used to their unit.
    private const long Slack = 1024;

    public QuotaVerdict Verdict
    {
        get
        {
            if (Quota is { Storage: null, Messages: null })
                return Quota.IsUnclear ? QuotaVerdict.Unknown : QuotaVerdict.Fits;
            var exceeds =
                (Quota.Storage is { } storage && Coming.Bytes > storage.Left + Slack)
                || (Quota.Messages is { } messages && Coming.Messages > messages.Left);
            if (exceeds)
                return IsExact ? QuotaVerdict.Exceeded : QuotaVerdict.MayExceed;
            // What is not known may be what is too much.
            if (Quota.IsUnclear)
                return QuotaVerdict.Unknown;
            var isClose = Quota.Storage is { } close && Coming.Messages > 0 && (HasUnknownSizes || Coming.Bytes > close.Left - Slack);
            return isClose ? QuotaVerdict.MayExceed : QuotaVerdict.Fits;
        }
    }

    /// <summary>Quotas of the target, each with what comes to the folders that count towards it.</summary>
    /// <param name="folders">With mail to come, each with its quotas.</param>
    public static IReadOnlyList<QuotaForecast> Compare(IEnumerable<(FolderForecast Folder, IReadOnlyList<MailQuota> Quotas)> folders) =>
        [
            .. folders
                .SelectMany(folder => folder.Quotas.DistinctBy(quota => quota.Root), (folder, quota) => (folder.Folder, Quota: quota))
                .GroupBy(pair => pair.Quota.Root)
                .Select(root => new QuotaForecast(
                    root.First().Quota,
                    root.Aggregate(default(MailAmount), (sum, pair) => sum + pair.Folder.ToCopy),
                    IsExact: root.All(pair => pair.Folder.MayBeThere == 0),
                    HasUnknownSizes: root.Any(pair => pair.Folder.UnknownSizes > 0)
                )),
        ];
}
