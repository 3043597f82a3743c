using CloudStore.Storage.Protection.Keys;
using CloudStore.Storage.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudStore.Storage.Protection.Fields;

/// <summary>What is encrypted of a record type, and how its records are sealed and opened.</summary>
internal sealed class ProtectedPlan<T> : ProtectedPlan
    where T : Record
{
    // Work on a record is never interrupted: nothing is awaited in it.
    [ThreadStatic]
    private static FieldWriter? _writer;

    [ThreadStatic]
    private static FieldReader? _reader;

    private readonly Func<T, string> _subject;
    private readonly string? _subjectName;

    public ProtectedPlan(IEntityType entity)
    {
        Table = entity.GetTableName()!;
        Groups = [.. entity.GetProperties().Where(p => p.FindAnnotation(ProtectedModel.EncryptsAnnotation) is not null)
            .Select(p => new ProtectedGroup<T>(Table, p.GetColumnName(), p.PropertyInfo!, Listed(p, ProtectedModel.EncryptsAnnotation), Listed(p, ProtectedModel.ClearAnnotation)))];
        Indexes = [.. from p in entity.GetProperties()
            let source = p.FindAnnotation(ProtectedModel.BlindIndexAnnotation)?.Value as string
            where source is not null
            select new BlindIndex.Column(p.GetColumnName(), p.PropertyInfo!, typeof(T).GetProperty(source[1..])!, source[0] == '~')];
        _subjectName = entity.FindAnnotation(ProtectedModel.SubjectAnnotation)?.Value as string;
        SubjectColumn = _subjectName is null ? null : entity.FindProperty(_subjectName)!.GetColumnName();
        var subject = _subjectName is null ? null : typeof(T).GetProperty(_subjectName)!;
        _subject = subject is null ? static _ => "" : record => subject.GetValue(record) is { } value ? value.ToString()! : "";
    }

    public string Table { get; }

    /// <summary>Names the person whose key it is; null where that is the tenant's.</summary>
    public string? SubjectColumn { get; }

    public ProtectedGroup<T>[] Groups { get; }

    public BlindIndex.Column[] Indexes { get; }

    public override IEnumerable<string> Names => Groups.SelectMany(g => g.Names);

    private static FieldWriter Writer => _writer ??= new FieldWriter();

    private static FieldReader Reader => _reader ??= new FieldReader();

    /// <inheritdoc cref="ProtectedPlan.For"/>
    public static ProtectedPlan<T>? Of(StoreContext context) => (ProtectedPlan<T>?)For(context, typeof(T));

    public override void Seal(StoreContext context, Record record) => SealAll(context, [(T)record]);

    public override void SealChanged(StoreContext context, Record record)
    {
        var row = (T)record;
        var fields = context.RequireFields();
        var subject = _subject(row);
        bool changed = false;
        foreach (var group in Groups)
        {
            var place = group.Place(row.Tenant);
            var values = group.Encode(Writer, row);
            if (group.GetToken(row) is not { } token || !IsOf(fields, token, subject, context) || !Holds(fields, place, row, token, values, context))
            {
                group.SetToken(row, fields.Seal(place, row.Id, values, subject, context));
                changed = true;
            }

            Writer.Clear();
        }

        if (changed)
        {
            SetIndexes(context, row);
        }
    }

    public override void Open(StoreContext context, Record record) => OpenAll(context, [(T)record]);

    /// <summary>Seals many records under one cipher, as long as they are one tenant's and one person's.</summary>
    public void SealAll(StoreContext context, IReadOnlyList<T> rows) => SealAll(context, rows, null);

    // The person is the one that is given, or the one that each record names.
    private void SealAll(StoreContext context, IReadOnlyList<T> rows, string? person)
    {
        var fields = context.RequireFields();
        KeyCipher? cipher = null;
        try
        {
            for (int i = 0; i < rows.Count; i++)
            {
                var row = rows[i];
                var subject = person ?? _subject(row);
                if (fields.Enabled && (cipher is null || cipher.Key.Subject != subject || cipher.Key.Tenant != row.Tenant))
                {
                    cipher?.Key.Return(cipher);
                    cipher = null;
                    cipher = fields.Rent(row.Tenant, subject, context);
                }

                foreach (var group in Groups)
                {
                    var place = group.Place(row.Tenant);
                    var values = group.Encode(Writer, row);
                    group.SetToken(row, cipher is null ? fields.Seal(place, row.Id, values) : FieldCipher.Seal(cipher, place, row.Id, values));
                }

                SetIndexes(context, row);
            }
        }
        finally
        {
            Writer.Clear();
            cipher?.Key.Return(cipher);
        }
    }

    /// <summary>Opens many records; the cipher stays while the key is the same.</summary>
    public void OpenAll(StoreContext context, IReadOnlyList<T> rows)
    {
        var fields = context.RequireFields();
        KeyCipher? cipher = null;
        try
        {
            for (int i = 0; i < rows.Count; i++)
            {
                foreach (var group in Groups)
                {
                    Open(fields, group, rows[i], rows[i], context, ref cipher);
                }
            }
        }
        finally
        {
            Reader.Clear();
            cipher?.Key.Return(cipher);
        }
    }

    /// <summary>
    /// Gives a row that is to replace a stored one that one's identity, its person, and the values it does not set, as far as tokens hold them. A token is bound to its row, and is
    /// under the key of the person that the row then names.
    /// </summary>
    /// <param name="named">The properties that are replaced; null for all.</param>
    /// <param name="stored">A record that has the id, the tenant and the tokens of what is stored.</param>
    /// <param name="person">Whom the stored row is about; empty for nobody.</param>
    public void Adopt(StoreContext context, T row, T stored, string person, IReadOnlySet<string>? named)
    {
        row.Id = stored.Id;
        bool moves = _subjectName is not null && named?.Contains(_subjectName) != false;
        KeyCipher? cipher = null;
        try
        {
            // All tokens of a row that is about somebody else now are replaced, and those in which a value changes.
            foreach (var group in Groups.Where(g => named is not null && (moves || g.Names.Any(named.Contains)) && !g.Names.All(named.Contains)))
            {
                Open(context.RequireFields(), group, stored, stored, context, ref cipher);
                group.CopyOthers(stored, row, named!);
            }
        }
        finally
        {
            cipher?.Key.Return(cipher);
        }

        SealAll(context, [row], moves ? null : person);
    }

    private static void Open(FieldCipher fields, ProtectedGroup<T> group, T row, T into, StoreContext context, ref KeyCipher? cipher)
    {
        if (group.TakeClear(into))
        {
            return;
        }

        var place = group.Place(row.Tenant);
        var token = group.GetToken(row) ?? throw FieldFailure.NoToken(place, row.Id);
        if (!FieldToken.IsEncrypted(token))
        {
            fields.Open(place, row.Id, token, Reader, context);
        }
        else
        {
            if (cipher is null || !token.AsSpan(FieldToken.KeyIdAt, 16).SequenceEqual(cipher.Key.IdBytes))
            {
                cipher?.Key.Return(cipher);
                cipher = null;
                cipher = fields.Rent(place, row.Id, FieldToken.KeyId(token), context);
            }

            FieldCipher.Open(cipher, place, row.Id, token, Reader);
        }

        group.Decode(Reader, into, place, row.Id);
    }

    private static string[] Listed(IProperty property, string annotation) => (property.FindAnnotation(annotation)?.Value as string)?.Split(',') ?? [];

    // What cannot be told of a key that is gone, reading the token tells.
    private static bool IsOf(FieldCipher fields, byte[] token, string subject, StoreContext context) =>
        !FieldToken.IsEncrypted(token) || fields.Keys.Find(FieldToken.KeyId(token), context).Key is not { } key || key.Subject == subject;

    private static bool Holds(FieldCipher fields, FieldPlace place, T row, byte[] token, ReadOnlySpan<byte> values, StoreContext context)
    {
        fields.Open(place, row.Id, token, Reader, context);
        bool same = Reader.Bytes.SequenceEqual(values);
        Reader.Clear();
        return same;
    }

    private void SetIndexes(StoreContext context, T row)
    {
        foreach (var index in Indexes)
        {
            index.Property.SetValue(row, BlindIndex.Compute(context, row.Tenant, Table, index, index.Source.GetValue(row)));
        }
    }
}
