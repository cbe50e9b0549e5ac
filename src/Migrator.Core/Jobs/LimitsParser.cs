using Migrator.Core.Pacing;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>limits</c> of a server.</summary>
internal static class LimitsParser
{
    private const string Unlimited = "none";
    private const int MostPerSecond = 1_000_000;

    public static MailLimits Read(JsonObjectReader? limits)
    {
        if (limits is null)
            return MailLimits.None;
        var (account, host) = (Pace(limits), limits.Object("host") is { } shared ? Pace(shared, last: true) : PaceLimits.None);
        limits.NothingElse();
        return new MailLimits(account, host);
    }

    private static PaceLimits Pace(JsonObjectReader limits, bool last = false)
    {
        var pace = new PaceLimits
        {
            MessagesPerSecond = limits.Number("messagesPerSecond", 1, MostPerSecond),
            BytesPerSecond = (int?)Size(limits, "bytesPerSecond", PaceLimits.LeastBytesPerSecond, int.MaxValue),
            DownloadPerDay = PerDay(limits, "downloadPerDay"),
            UploadPerDay = PerDay(limits, "uploadPerDay"),
        };
        if (last)
            limits.NothingElse();
        return pace;
    }

    private static long? PerDay(JsonObjectReader limits, string name) =>
        limits.HoldsText(name, Unlimited) ? long.MaxValue : Size(limits, name, 1 << 20, long.MaxValue - 1);

    private static long? Size(JsonObjectReader limits, string name, long least, long most)
    {
        if (limits.Text(name) is not { } text)
            return null;
        if (JobFile.ParseSize(text) is { } size && size >= least && size <= most)
            return size;
        var (example, unlimited) = least < 1 << 20 ? ("\"500 KiB\"", "") : ("\"450 MiB\"", $", or \"{Unlimited}\" for no limit");
        limits.Wrong(
            limits.At(name),
            $"is \"{text}\"; write a size such as {example} or \"2 GiB\", at least \"{(least < 1 << 20 ? "1 KiB" : "1 MiB")}\"{unlimited}."
        );
        return null;
    }
}
