namespace Migrator.Files.Findings;

/// <summary>Something to say about files; the places where it was found are counted and named.</summary>
/// <param name="Words">Before a colon and the places.</param>
/// <param name="Incomplete">Mail may be missing or cut: the import is not complete.</param>
internal sealed record FileFinding(string Words, bool Incomplete = false)
{
    public static readonly FileFinding Link = new("Symbolic links are not followed and were left out");
    public static readonly FileFinding Special = new("Pipes, sockets and devices were left out");
    public static readonly FileFinding Other = new("Not taken for mail");
    public static readonly FileFinding NotDelivered = new("Files in \"tmp\" of a Maildir were never delivered and were left out");
    public static readonly FileFinding FolderData = new(
        "The first message, in which Pine and UW-IMAP keep what they know of the folder, was left out"
    );
    public static readonly FileFinding Deleted = new("Messages that were deleted but not yet expunged got the flag \\Deleted");
    public static readonly FileFinding HeadersOnly = new(
        "Thunderbird downloaded only part of these messages; imported as the file has them"
    );
    public static readonly FileFinding Mark = new("A byte order mark before the first line was left out");
    public static readonly FileFinding SeparatorInMessage = new("A separator line of an mbox before the header was left out");
    public static readonly FileFinding CarriageReturns = new("Lines that end with CR alone were given CRLF");
    public static readonly FileFinding Wide = new("Converted from UTF-16 to ASCII");
    public static readonly FileFinding Unpacked = new("Compressed files were decompressed");
    public static readonly FileFinding LongerThanNamed = new("Longer than the size (S=) in the file name; imported as they are");
    public static readonly FileFinding NamelessKeyword = new("Keywords by a letter that dovecot-keywords does not name were left out");
    public static readonly FileFinding TakenForSeparator = new("Doubtful lines treated as the beginning of a message; check these");
    public static readonly FileFinding TakenForText = new("Lines like a separator treated as text of a message; check these");
    public static readonly FileFinding QuotedKept = new(
        "Lines that begin with \">From \" were left as they are, since nothing says how the file was quoted"
    );
    public static readonly FileFinding SameFolder = new("Another place has the same folder name; its folder got a number");
    public static readonly FileFinding Labelled = new(
        "Gmail's labels became folders and flags, each message in one folder (--labels ignore keeps one folder a file)"
    );
    public static readonly FileFinding SeveralLabels = new(
        "Messages with more labels than the folder they went to; their header X-Gmail-Labels has all of them"
    );
    public static readonly FileFinding SameGmail = new("Messages that several files of a Takeout contain were imported once");

    public static readonly FileFinding CutShort = new(
        "Shorter than the size (S=) in the file name: cut short, and imported as they are",
        true
    );
    public static readonly FileFinding TextBefore = new("Not imported: text before the first separator, which is part of no message", true);
    public static readonly FileFinding BadName = new("Not imported: the name is not valid UTF-8; rename it", true);
    public static readonly FileFinding EmptyLevel = new("Not imported: a level of the folder's name is empty; rename the directory", true);
    public static readonly FileFinding Packed = new("Not imported: packed; if it contains mail, unpack it and import it", true);
    public static readonly FileFinding Unreadable = new("Not imported: cannot be read", true);
    public static readonly FileFinding TooDeep = new("Not imported: too many directories below one another", true);
    public static readonly FileFinding Changed = new("Changed while it was imported; import again once nothing writes to it", true);
    public static readonly FileFinding OtherFormat = new(
        "Not imported: mail in another format than was asked for; import it separately, with the --format that it has",
        true
    );
    public static readonly FileFinding OtherEncoding = new(
        "Not imported: UTF-16, which no mail program writes; convert it to the encoding that it had",
        true
    );
}
