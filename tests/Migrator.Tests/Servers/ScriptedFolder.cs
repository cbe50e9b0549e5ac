namespace Migrator.Tests.Servers;

/// <summary>A folder of a <see cref="ScriptedImap"/>.</summary>
public sealed class ScriptedFolder
{
    public const string DefaultDate = "\"01-Feb-2020 03:04:05 +0000\"";

    private static int s_validity = 1000;

    public List<ScriptedMessage> Messages { get; } = [];

    public uint UidValidity { get; set; } = (uint)Interlocked.Increment(ref s_validity);

    public uint UidNext { get; set; } = 1;

    public ulong ModSeq { get; set; } = 1;

    /// <summary>As LIST shows them, such as <c>\Noselect</c>.</summary>
    public string Attributes { get; set; } = "";

    public bool Subscribed { get; set; } = true;

    public ScriptedMessage Add(byte[] content, IEnumerable<string>? flags = null, string date = DefaultDate, uint uid = 0)
    {
        var message = new ScriptedMessage(uid > 0 ? uid : UidNext, content, flags ?? [], date) { ModSeq = ++ModSeq };
        Messages.Add(message);
        UidNext = Math.Max(UidNext, message.Uid + 1);
        return message;
    }

    /// <summary>Short letters that differ from each other.</summary>
    public void Fill(int count, int first = 1)
    {
        for (var number = first; number < first + count; number++)
            Add(Letter(number));
    }

    public static byte[] Letter(int number) =>
        System.Text.Encoding.ASCII.GetBytes(
            $"From: ann@example.org\r\nSubject: Letter {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\nThis is letter {number}.\r\n"
        );

    public ScriptedFolder Copy()
    {
        var copy = new ScriptedFolder
        {
            UidValidity = UidValidity,
            UidNext = UidNext,
            ModSeq = ModSeq,
            Attributes = Attributes,
            Subscribed = Subscribed,
        };
        copy.Messages.AddRange(
            Messages.Select(message => new ScriptedMessage(message.Uid, message.Content, message.Flags, message.InternalDate)
            {
                ModSeq = message.ModSeq,
            })
        );
        return copy;
    }
}
