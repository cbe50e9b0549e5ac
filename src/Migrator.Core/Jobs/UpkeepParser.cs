using Migrator.Core.Archives;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>upkeep</c> of a job file.</summary>
internal static class UpkeepParser
{
    private const int MostKept = 100_000;

    public static UpkeepRules? Read(JsonObjectReader? upkeep)
    {
        if (upkeep is null)
            return null;
        var schedule = ScheduleParser.Read(upkeep.Object("schedule"));
        var late = upkeep.Duration("overdueAfter", TimeSpan.FromMinutes(1), TimeSpan.FromDays(366));
        var test = ReadRestoreTest(upkeep.Object("restoreTest"));
        var check = ReadCheck(upkeep.Object("check"));
        var prune = ReadPrune(upkeep.Object("prune"));
        var shrunk = ReadShrunk(upkeep.Object("shrunk"));
        upkeep.NothingElse();
        string[] steps = ["restoreTest", "check", "prune"];
        if (!steps.Any(upkeep.Has) && (!upkeep.Has("shrunk") || upkeep.Has("schedule")))
            upkeep.Wrong(upkeep.Path, $"does not specify what to do; give {JsonObjectReader.OneOf(steps)}, such as \"check\": {{}}.");
        return new UpkeepRules(schedule, late, test, check, prune, shrunk ?? ShrunkRule.Default);
    }

    private static RestoreTestRule? ReadRestoreTest(JsonObjectReader? test)
    {
        if (test is null)
            return null;
        var rule = new RestoreTestRule(
            test.Number("mailboxes", 1, 10_000) ?? RestoreTestRule.Default.Mailboxes,
            test.Number("messages", 1, 1_000_000) ?? RestoreTestRule.Default.Messages
        );
        test.NothingElse();
        return rule;
    }

    private static CheckRule? ReadCheck(JsonObjectReader? check)
    {
        if (check is null)
            return null;
        var rule = new CheckRule(check.Duration("allWithin", TimeSpan.FromDays(1), TimeSpan.FromDays(3660)) ?? CheckRule.Default.AllWithin);
        check.NothingElse();
        return rule;
    }

    private static PruneRule? ReadPrune(JsonObjectReader? prune)
    {
        if (prune is null)
            return null;
        var known = true;
        int Keep(string name)
        {
            var number = prune.Number(name, 0, MostKept);
            known &= number is not null || !prune.Has(name);
            return number ?? 0;
        }
        var keep = new RetentionPolicy(Keep("keepLast"), Keep("keepDaily"), Keep("keepWeekly"), Keep("keepMonthly"), Keep("keepYearly"));
        var grace = prune.Duration("grace", TimeSpan.Zero, TimeSpan.FromDays(3660)) ?? PruneRule.DefaultGrace;
        prune.NothingElse();
        // What is removed is gone: a person says what is to stay.
        if (keep.KeepsNothing && known)
            prune.Wrong(
                prune.Path,
                "does not specify what to keep; write for example \"keepDaily\": 7, \"keepWeekly\": 5, \"keepMonthly\": 12."
            );
        return new PruneRule(keep, grace);
    }

    private static ShrunkRule? ReadShrunk(JsonObjectReader? shrunk)
    {
        if (shrunk is null)
            return null;
        var rule = new ShrunkRule(
            shrunk.Number("percent", 0, 100) ?? ShrunkRule.Default.Percent,
            shrunk.Number("atLeast", 1, 1_000_000_000) ?? ShrunkRule.Default.AtLeast
        );
        shrunk.NothingElse();
        return rule;
    }
}
