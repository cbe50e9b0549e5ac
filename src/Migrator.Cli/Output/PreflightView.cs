using Migrator.App.Formatting;
using Migrator.Core.Migrations;
using Migrator.Core.Providers;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>Shows what a run of a migration would do.</summary>
public static class PreflightView
{
    /// <param name="plan">Where it was written; null for a check.</param>
    public static void Write(IAnsiConsole console, Preflight preflight, DateTimeOffset? end, ReportPaths? plan = null)
    {
        var (places, text) = (preflight.Plan, new ForecastText(console));
        text.Line($"Job {preflight.Job}: {preflight.Source} -> {preflight.Target}. Logged in to source and target. No changes were made.");
        foreach (var (side, profile) in new[] { ("Source", preflight.Providers.Source), ("Target", preflight.Providers.Target) })
        {
            if (profile != ProviderProfiles.Generic)
                text.Line($"{side}: recognized as {profile.Title} ({profile.Name}).");
        }
        text.Table(preflight.Folders, "Target", "To copy", places.Excluded);
        text.Totals(preflight.Folders, places.Excluded, copied: "copied by earlier runs", coming: "to copy");
        text.Follow(preflight.Follow);
        text.Line($"Target: {Limit(preflight)}; accepts {Batch(preflight.Traits.MaxBatch)}.");
        if (preflight.Quotas is null)
            text.Line("Target: no quota advertised.");
        foreach (var quota in preflight.Quotas ?? [])
            text.Say(ToneOf(quota.Verdict), QuotaText.Of(quota));
        text.DailyLimits(end);
        text.TooLarge(preflight.Folders);
        text.SourceDeletionPolicy(preflight.SourceDeletionPolicy, "target");
        text.Failures(preflight.Folders);
        text.Say(Tone.Note, preflight.Notices);
        text.Say(Tone.Problem, places.Obstacles);
        if (places.Obstacles.Count == 0)
            text.Verdict(preflight.LeavesMessages);
        if (plan is null)
            return;
        text.Line($"Plan: {plan.Json}");
        text.Line($"      {plan.Html}");
        text.Line($"Read it, then carry it out: migrator run {preflight.Job} --plan {plan.Json}");
    }

    private static string Batch(int most) => most > 1 ? $"batches of up to {Format.Count(most)} messages" : "one message at a time";

    private static Tone ToneOf(QuotaVerdict verdict) =>
        verdict switch
        {
            QuotaVerdict.Fits => Tone.Plain,
            QuotaVerdict.Exceeded => Tone.Problem,
            _ => Tone.Note,
        };

    private static string Limit(Preflight preflight)
    {
        if (preflight.Traits.MaxSize is { } size)
            return $"accepts messages of up to {Format.Size(size)}";
        var (known, all) = (preflight.Folders.Where(folder => folder.MaxSize is not null).ToList(), preflight.Folders.Count);
        if (known.Count == 0)
            return "no size limit advertised";
        var some =
            known.Count < all ? $", as far as its folders advertise a limit ({Format.Count(known.Count)} of {Format.Count(all)})" : "";
        return $"accepts messages of up to {Format.Size(known.Min(folder => folder.MaxSize!.Value))}{some}";
    }
}
