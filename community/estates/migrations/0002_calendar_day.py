import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estates', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(verbose_name='day')),
                ('is_working', models.BooleanField(default=False, verbose_name='working day')),
                ('hours_of', models.PositiveSmallIntegerField(blank=True, choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], help_text='For a Saturday or Sunday that is worked: the weekday that it makes up for.', null=True, verbose_name='with the hours of')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('estate', models.ForeignKey(blank=True, help_text='Left empty: all estates.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='estates.estate', verbose_name='estate')),
            ],
            options={
                'verbose_name': 'calendar day',
                'verbose_name_plural': 'calendar days',
                'ordering': ['-date', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('estate', 'date'), name='calendar_day_once'), models.UniqueConstraint(condition=models.Q(('estate', None)), fields=('date',), name='calendar_day_once_everywhere')],
            },
        ),
    ]
