using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Cli.Output;

/// <summary>A quota of the target, as text.</summary>
internal static class QuotaText
{
    public static string Of(QuotaForecast forecast)
    {
        var quota = forecast.Quota;
        var name = quota.Root.Length == 0 ? "Quota" : $"Quota \"{quota.Root}\"";
        List<string> parts = [];
        if (quota.Storage is { } storage)
            parts.Add($"{Format.Size(storage.Left)} of {Format.Size(storage.Limit)} left, {Format.Size(forecast.Coming.Bytes)} to copy");
        if (quota.Messages is { } messages)
            parts.Add(
                $"{Format.Count(messages.Left)} of {Format.Count(messages.Limit, "message")} left, "
                    + $"{Format.Count(forecast.Coming.Messages)} to copy"
            );
        if (quota.IsUnclear)
            parts.Add("the server gives figures that make no sense, so what is left is unknown");
        return $"{name}: {(parts.Count == 0 ? "no limit" : string.Join("; ", parts))}{Verdict(forecast)}";
    }

    private static string Verdict(QuotaForecast forecast) =>
        forecast.Verdict switch
        {
            QuotaVerdict.Exceeded => ". The mail does not fit. Raise the quota, or exclude folders.",
            QuotaVerdict.MayExceed => ". The mail may not fit. Raise the quota, or exclude folders.",
            _ => ".",
        };
}
