using Migrator.Core.Fetching;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Adds up the messages that a run would copy from one folder, and those that are too large for it.</summary>
/// <param name="maxSize">Of the target folder, in bytes.</param>
/// <param name="spoolLimit">Of the run, in bytes.</param>
internal sealed class Coming(long maxSize, long spoolLimit)
{
    // No mail is as large: a server that says so says nothing.
    private const long MostBelievable = 1L << 40;

    private const int MostNamed = 5;

    private readonly List<LargeMessage> _firstTooLarge = [];
    private readonly MessageSizes _sizes = new(_ => null, spoolLimit);

    public MailAmount Amount { get; private set; }

    public MailAmount TooLarge { get; private set; }

    public long UnknownSizes { get; private set; }

    public IReadOnlyList<LargeMessage> FirstTooLarge => _firstTooLarge;

    /// <param name="size">Null where it is not known.</param>
    /// <returns>False for a message that is too large.</returns>
    public bool Add(Uid uid, long? size)
    {
        if (size is not (>= 0 and <= MostBelievable and var known))
        {
            UnknownSizes++;
            Amount = Amount.With(0);
            return true;
        }
        if (known <= maxSize && _sizes.Refuse(uid, known) is null)
        {
            Amount = Amount.With(known);
            return true;
        }
        TooLarge = TooLarge.With(known);
        if (_firstTooLarge.Count < MostNamed)
            _firstTooLarge.Add(new LargeMessage(uid, known));
        return false;
    }
}
